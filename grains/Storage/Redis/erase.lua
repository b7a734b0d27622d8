-- Removes all entries of an epoch and of those before, and leaves a last id that refuses whatever still comes for them.
-- KEYS[1] log   KEYS[2] exp   KEYS[3] skipped   KEYS[4] collapse
-- ARGV[1] not after (Unix ms of this Redis' clock)  [2] epoch  [3] TTL of the log in ms
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
return 0
