-- KEYS[1] the state's hash; ARGV[1] the ETag last seen ('' = none), ARGV[2] the new one, ARGV[3] the data, ARGV[4] seconds to keep it (-1 = for ever)
if (redis.call('HGET', KEYS[1], 'etag') or '') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'etag', ARGV[2], 'data', ARGV[3])
if ARGV[4] ~= '-1' then redis.call('EXPIRE', KEYS[1], ARGV[4]) end
return 1
