-- Notes beside an inbox that its user is about to be subscribed to a topic, or is not any more.
-- KEYS[1] the topics of the inbox
-- ARGV[1] not after (Unix ms of this Redis' clock)  [2] 'add' or 'leave'  [3] the topic's name  [4] the date in Unix ms  [5] how many topics at most
--     [6] for how many ms it is known which were left
-- Returns '', or with nothing changed 'FULL'.
local now = redis.call('TIME')
if now[1] * 1000 + now[2] / 1000 > tonumber(ARGV[1]) then return redis.error_reply('LATE the caller was told that nothing was done') end
if ARGV[2] == 'add' then
  if redis.call('ZSCORE', KEYS[1], ARGV[3]) == '0' then return '' end
  if redis.call('ZCOUNT', KEYS[1], 0, 0) >= tonumber(ARGV[5]) then return 'FULL' end
  redis.call('ZADD', KEYS[1], 0, ARGV[3])
  redis.call('PERSIST', KEYS[1])
  return ''
end
redis.call('ZADD', KEYS[1], ARGV[4], ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], 1, ARGV[4] - ARGV[6])
if redis.call('ZCOUNT', KEYS[1], 0, 0) == 0 then redis.call('PEXPIRE', KEYS[1], ARGV[6]) end
return ''
