-- KEYS[1] the state's hash; ARGV[1] the ETag last seen ('' = none), ARGV[2] the new one ('' = leave nothing behind)
if (redis.call('HGET', KEYS[1], 'etag') or '') ~= ARGV[1] then return 0 end
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
else
  redis.call('HSET', KEYS[1], 'etag', ARGV[2], 'data', '')
end
return 1
