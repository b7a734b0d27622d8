-- Since when what Redis holds may have lost its end: another run of Redis (a restart, an older snapshot, a replica that took over) than the one that wrote it.
-- KEYS[1] inbox:storage, a hash: run (the id of the run), since (Unix ms of this Redis' clock; 0: never)
-- Returns since; 0 as well when Redis does not tell its run.
local info = redis.pcall('INFO', 'server')
local run = type(info) == 'string' and string.match(info, 'run_id:(%w+)')
if not run then return '0' end
local known = redis.call('HGET', KEYS[1], 'run')
if known ~= run then
  local now = redis.call('TIME')
  local since = known and string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000)) or '0'
  redis.pcall('HSET', KEYS[1], 'run', run, 'since', since) -- refused by a full Redis: said again the next time
  return since
end
return redis.call('HGET', KEYS[1], 'since')
