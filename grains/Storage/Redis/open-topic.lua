-- Says whether users may subscribe themselves.
-- KEYS[1] topic
-- ARGV[1] not after (Unix ms of this Redis' clock)  [2] 1 or 0  [3] for how many ms a topic that is not open is kept
local now = redis.call('TIME')
if now[1] * 1000 + now[2] / 1000 > tonumber(ARGV[1]) then return redis.error_reply('LATE the caller was told that nothing was done') end
redis.call('HSET', KEYS[1], 'open', ARGV[2])
if ARGV[2] == '1' then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return 0
