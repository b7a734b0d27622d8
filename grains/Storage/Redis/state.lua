-- Writes a grain's state, when its ETag is the one that the writer knows.
-- KEYS[1] a hash: etag, data
-- ARGV[1] not after (Unix ms of this Redis' clock)  [2] the known ETag, or ''  [3] the next one  [4] data; '' clears the state
-- Returns false when it was written, else the ETag that is there.
local now = redis.call('TIME')
if now[1] * 1000 + now[2] / 1000 > tonumber(ARGV[1]) then return redis.error_reply('LATE the caller was told that nothing was done') end
local etag = redis.call('HGET', KEYS[1], 'etag') or ''
if etag ~= ARGV[2] then return etag end
redis.call('HSET', KEYS[1], 'etag', ARGV[3], 'data', ARGV[4])
return false
