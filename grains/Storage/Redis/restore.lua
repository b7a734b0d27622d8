-- Puts an inbox together under another name, in one call or in several, and gives it its own with the last one, when nothing of that name is there.
-- KEYS[1] restoring   KEYS[2] log   KEYS[3] exp   KEYS[4] skipped   KEYS[5] marks   KEYS[6] expiries of what is restoring
-- KEYS[7] its collapse keys   KEYS[8] collapse   KEYS[9] waiting   KEYS[10] due   KEYS[11] collapse keys of what waits
-- ARGV[1] not after (Unix ms of this Redis' clock)  [2] epoch  [3] head; '' with all calls but the last  [4] 1 with the first call, else 0  [5] TTL in ms
--     [6] skipped  [7] marks, or ''  [8] their ETag  [9] TTL in ms of what waits  [10] how many wait, with the last call: 0 before
--     [11...] of each that waits: id, what is kept, due, its collapse key or ''; and then of each entry: seq, json, createdAt in Unix ms, writer, its expiry in Unix ms or 0, its collapse key or ''
-- Returns 1, or 0 with nothing written when the inbox is there.
local now = redis.call('TIME')
if now[1] * 1000 + now[2] / 1000 > tonumber(ARGV[1]) then return redis.error_reply('LATE the caller was told that nothing was done') end
local epoch = ARGV[2]
if ARGV[4] == '1' then redis.call('DEL', KEYS[1], KEYS[6], KEYS[7]) end
if redis.call('EXISTS', KEYS[2], KEYS[5], KEYS[9]) > 0 then
  redis.call('DEL', KEYS[1], KEYS[6], KEYS[7])
  return 0
end
local waits = tonumber(ARGV[10])
for i = 11 + 4 * waits, #ARGV, 6 do
  local id = epoch .. '-' .. ARGV[i]
  if ARGV[i + 5] == '' then
    redis.call('XADD', KEYS[1], id, 'n', ARGV[i + 1], 't', ARGV[i + 2], 'w', ARGV[i + 3])
  else
    redis.call('XADD', KEYS[1], id, 'n', ARGV[i + 1], 't', ARGV[i + 2], 'w', ARGV[i + 3], 'k', ARGV[i + 5])
    redis.call('ZADD', KEYS[7], ARGV[i], ARGV[i + 5])
  end
  if ARGV[i + 4] ~= '0' then redis.call('ZADD', KEYS[6], ARGV[i + 4], id) end
end
if ARGV[3] == '' then -- what is not gone on with in an hour is nobody's
  redis.call('PEXPIRE', KEYS[1], 3600000)
  redis.call('PEXPIRE', KEYS[6], 3600000)
  redis.call('PEXPIRE', KEYS[7], 3600000)
  return 1
end
if epoch ~= '0' then
  if redis.call('EXISTS', KEYS[1]) == 0 then
    redis.call('XADD', KEYS[1], epoch .. '-' .. ARGV[3], 'n', '')
    redis.call('XTRIM', KEYS[1], 'MAXLEN', '=', 0)
  end
  redis.call('XSETID', KEYS[1], epoch .. '-' .. ARGV[3])
  redis.call('RENAME', KEYS[1], KEYS[2])
  redis.call('PEXPIRE', KEYS[2], ARGV[5])
  if redis.call('EXISTS', KEYS[6]) == 1 then
    redis.call('RENAME', KEYS[6], KEYS[3])
    redis.call('PEXPIRE', KEYS[3], ARGV[5])
  end
  if redis.call('EXISTS', KEYS[7]) == 1 then
    redis.call('RENAME', KEYS[7], KEYS[8])
    redis.call('PEXPIRE', KEYS[8], ARGV[5])
  end
  if ARGV[6] ~= '' then redis.call('SET', KEYS[4], ARGV[6], 'PX', ARGV[5]) end
end
for i = 11, 10 + 4 * waits, 4 do
  redis.call('HSET', KEYS[9], ARGV[i], ARGV[i + 1])
  redis.call('ZADD', KEYS[10], ARGV[i + 2], ARGV[i])
  if ARGV[i + 3] ~= '' then redis.call('HSET', KEYS[11], ARGV[i], ARGV[i + 3]) end
end
if waits > 0 then
  for i = 9, 11 do redis.call('PEXPIRE', KEYS[i], ARGV[9]) end
end
if ARGV[7] ~= '' then redis.call('HSET', KEYS[5], 'etag', ARGV[8], 'data', ARGV[7]) end
return 1
