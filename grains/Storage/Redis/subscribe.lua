-- Subscribes users to a topic, and removes others.
-- KEYS[1] topic   KEYS[2] subscribers   KEYS[3] left
-- ARGV[1] not after (Unix ms of this Redis' clock)  [2] the date in Unix ms  [3] 1: only if it is open  [4] how many subscribers at most  [5] how many who left are kept, and
--     [6] since when (Unix ms)  [7] how many are added  [8...] these, and then those who are removed
-- Returns '', or with nothing changed 'FULL' or 'CLOSED'.
local now = redis.call('TIME')
if now[1] * 1000 + now[2] / 1000 > tonumber(ARGV[1]) then return redis.error_reply('LATE the caller was told that nothing was done') end
if ARGV[3] == '1' and redis.call('HGET', KEYS[1], 'open') ~= '1' then return 'CLOSED' end
local adds, change = tonumber(ARGV[7]), 0
for i = 8, #ARGV do
  local isThere = redis.call('ZSCORE', KEYS[2], ARGV[i])
  if i < 8 + adds then
    if not isThere then change = change + 1 end
  elseif isThere then
    change = change - 1
  end
end
if change > 0 and redis.call('ZCARD', KEYS[2]) + change > tonumber(ARGV[4]) then return 'FULL' end
for i = 8, 7 + adds do
  redis.call('ZADD', KEYS[2], 0, ARGV[i])
  redis.call('ZREM', KEYS[3], ARGV[i])
end
for i = 8 + adds, #ARGV do
  if redis.call('ZREM', KEYS[2], ARGV[i]) == 1 then redis.call('ZADD', KEYS[3], ARGV[2], ARGV[i]) end
end
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', ARGV[6])
redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -1 - ARGV[5])
return ''
