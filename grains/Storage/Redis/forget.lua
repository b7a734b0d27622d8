-- Removes all of an inbox, and leaves for a while a last id that refuses whatever still comes for this epoch and those before.
-- KEYS[1] log   KEYS[2] exp   KEYS[3] skipped   KEYS[4] marks   KEYS[5] collapse   KEYS[6] waiting   KEYS[7] due   KEYS[8] collapse keys of what waits
-- ARGV[1] not after (Unix ms of this Redis' clock)  [2] epoch  [3] for how many ms the last id stays
-- Returns { id, due, id, due, … } of what waited. Error with nothing done: LATE, or CONFLICT when a later epoch has begun.
local now = redis.call('TIME')
if now[1] * 1000 + now[2] / 1000 > tonumber(ARGV[1]) then return redis.error_reply('LATE the caller was told that nothing was done') end
local top = redis.pcall('XADD', KEYS[1], ARGV[2] .. '-18446744073709551615', 'n', '')
if type(top) == 'table' and top.err then
  if not string.find(top.err, 'equal or smaller', 1, true) then return top end
  return redis.error_reply('CONFLICT a later epoch than ' .. ARGV[2] .. ' has begun')
end
redis.call('XTRIM', KEYS[1], 'MAXLEN', '=', 0)
local waited = redis.call('ZRANGE', KEYS[7], 0, -1, 'WITHSCORES')
redis.call('DEL', KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return waited
