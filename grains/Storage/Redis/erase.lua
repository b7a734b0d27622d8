-- Removes all entries of an epoch and of those before, snoozed ones too, and leaves a last id that refuses whatever still comes for them.
-- KEYS[1] log   KEYS[2] exp   KEYS[3] skipped   KEYS[4] collapse   KEYS[5] waiting   KEYS[6] due   KEYS[7] collapse keys of what waits
-- ARGV[1] not after (Unix ms of this Redis' clock)  [2] epoch  [3] TTL of the log in ms
-- Returns { id, due, id, due, … } of what was snoozed.
local now = redis.call('TIME')
if now[1] * 1000 + now[2] / 1000 > tonumber(ARGV[1]) then return redis.error_reply('LATE the caller was told that nothing was done') end
local top = redis.pcall('XADD', KEYS[1], ARGV[2] .. '-18446744073709551615', 'n', '')
if type(top) == 'table' and top.err then
  if not string.find(top.err, 'equal or smaller', 1, true) then return top end
  -- Erased before, or a later epoch lives: what belongs to that one stays.
  redis.call('XTRIM', KEYS[1], 'MINID', '=', string.format('%.0f', ARGV[2] + 1) .. '-0')
  for _, member in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
    if tonumber(string.match(member, '^%d+')) <= tonumber(ARGV[2]) then redis.call('ZREM', KEYS[2], member) end
  end
else
  redis.call('XTRIM', KEYS[1], 'MAXLEN', '=', 0)
  redis.call('DEL', KEYS[2], KEYS[3], KEYS[4])
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
local snoozed, waits = {}, redis.call('ZRANGE', KEYS[6], 0, -1, 'WITHSCORES')
for i = 1, #waits, 2 do
  local id = waits[i]
  local of = tonumber(string.match(id, '^(%d+)%-'))
  if of and of <= tonumber(ARGV[2]) then
    snoozed[#snoozed + 1] = id
    snoozed[#snoozed + 1] = waits[i + 1]
    redis.call('HDEL', KEYS[5], id)
    redis.call('ZREM', KEYS[6], id)
    redis.call('HDEL', KEYS[7], id)
  end
end
return snoozed
