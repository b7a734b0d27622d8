-- Since when what Redis holds may have lost its end: another run of Redis (a restart, an older snapshot, a replica that took over) than the one that wrote it.
-- KEYS[1] inbox:storage, a hash: run (the id of the run), since (Unix ms of this Redis' clock; 0: never)
-- Returns since.
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or ''
local known = redis.call('HGET', KEYS[1], 'run')
if known ~= run then
  local now = redis.call('TIME')
  redis.call('HSET', KEYS[1], 'run', run, 'since', known and string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000)) or '0')
end
return redis.call('HGET', KEYS[1], 'since')
