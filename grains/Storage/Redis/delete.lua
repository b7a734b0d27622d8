-- Removes entries and their expiries.
-- KEYS[1] log   KEYS[2] exp
-- ARGV[1] not after (Unix ms of this Redis' clock)  [2] epoch  [3...] seqs
local now = redis.call('TIME')
if now[1] * 1000 + now[2] / 1000 > tonumber(ARGV[1]) then return redis.error_reply('LATE the caller was told that nothing was done') end
for i = 3, #ARGV do
  local id = ARGV[2] .. '-' .. ARGV[i]
  redis.call('XDEL', KEYS[1], id)
  redis.call('ZREM', KEYS[2], id)
end
return 0
