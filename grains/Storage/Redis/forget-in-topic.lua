-- Removes all that a topic has of a user.
-- KEYS[1] subscribers   KEYS[2] left
-- ARGV[1] not after (Unix ms of this Redis' clock)  [2] the user
local now = redis.call('TIME')
if now[1] * 1000 + now[2] / 1000 > tonumber(ARGV[1]) then return redis.error_reply('LATE the caller was told that nothing was done') end
redis.call('ZREM', KEYS[1], ARGV[2])
redis.call('ZREM', KEYS[2], ARGV[2])
return 0
