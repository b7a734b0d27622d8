-- Takes the lease on this Redis, or renews it.
-- KEYS[1] inbox:server
-- ARGV[1] who asks  [2] for how long, in ms  [3] a holder that is known to be dead, or ''
-- Returns false when the lease is the asker's now, else its holder.
local holder = redis.call('GET', KEYS[1])
if holder == ARGV[1] then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
elseif not holder or holder == ARGV[3] then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
else
  return holder
end
return false
