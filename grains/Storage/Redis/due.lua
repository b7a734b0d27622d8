-- Writes a part of the index of what is due.
-- KEYS[1] the part, a sorted set
-- ARGV[1] not after (Unix ms of this Redis' clock)  [2] 'add', 'move' (those that are there) or 'remove'  [3...] of each: score, member
local now = redis.call('TIME')
if now[1] * 1000 + now[2] / 1000 > tonumber(ARGV[1]) then return redis.error_reply('LATE the caller was told that nothing was done') end
for i = 3, #ARGV, 2 do
  if ARGV[2] == 'remove' then
    redis.call('ZREM', KEYS[1], ARGV[i + 1])
  elseif ARGV[2] == 'move' then
    redis.call('ZADD', KEYS[1], 'XX', ARGV[i], ARGV[i + 1])
  else
    redis.call('ZADD', KEYS[1], ARGV[i], ARGV[i + 1])
  end
end
return 0
