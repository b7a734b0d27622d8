-- Others wait in the place of some, when all of these do.
-- KEYS[1] waiting   KEYS[2] due
-- ARGV[1] not after (Unix ms of this Redis' clock)  [2] TTL in ms  [3] how many there are  [4...] their ids, and then of each other one: id, due in Unix ms, what is kept
-- Returns 1, or 0 with nothing done.
local now = redis.call('TIME')
if now[1] * 1000 + now[2] / 1000 > tonumber(ARGV[1]) then return redis.error_reply('LATE the caller was told that nothing was done') end
local last = 3 + tonumber(ARGV[3])
for i = 4, last do
  if redis.call('HEXISTS', KEYS[1], ARGV[i]) == 0 then return 0 end
end
for i = 4, last do
  redis.call('HDEL', KEYS[1], ARGV[i])
  redis.call('ZREM', KEYS[2], ARGV[i])
end
for i = last + 1, #ARGV, 3 do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 2])
  redis.call('ZADD', KEYS[2], ARGV[i + 1], ARGV[i])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  redis.call('PEXPIRE', KEYS[2], ARGV[2])
end
return 1
