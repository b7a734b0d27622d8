-- Appends a batch behind one fence: all entries or none.
-- KEYS[1] log   KEYS[2] exp   KEYS[3...] idempotency keys in the order of their entries; KEYS[2...] only when an entry has a key or an expiry
-- ARGV[1] not after (Unix ms of this Redis' clock)  [2] epoch  [3] head  [4] lowest seq to keep  [5] TTL of the log in ms  [6] writer
-- ARGV[7...] of each entry: json, createdAt in Unix ms and, only with KEYS[2]: its key's life in ms, or 0 without a key; its expiry in Unix ms, or 0
-- Returns 0 without KEYS[2]; else of each entry 0 (written) or '<seq> <createdAt>' of the first one with the same key.
-- Errors with nothing written: LATE, CONFLICT.
local now = redis.call('TIME')
if now[1] * 1000 + now[2] / 1000 > tonumber(ARGV[1]) then return redis.error_reply('LATE the caller was told that nothing was stored') end

local log, epoch, head, writer = KEYS[1], ARGV[2], tonumber(ARGV[3]), ARGV[6]
local trim = tonumber(ARGV[4]) > 1
-- A birth needs an empty log, or two writers that both saw none would mix two epochs.
if head == 0 and redis.call('XLEN', log) > 0 then return redis.error_reply('CONFLICT the inbox was born meanwhile') end

-- The first XADD of a batch is the fence: nothing is written before it, and after it no other can fail.
local function add(json, createdAt)
  local id = epoch .. '-' .. (head + 1)
  local added
  if trim then
    added = redis.pcall('XADD', log, 'MINID', '~', epoch .. '-' .. ARGV[4], id, 'n', json, 't', createdAt, 'w', writer)
    trim = false
  else
    added = redis.pcall('XADD', log, id, 'n', json, 't', createdAt, 'w', writer)
  end
  if type(added) == 'table' and added.err then
    if string.find(added.err, 'equal or smaller', 1, true) then return redis.error_reply('CONFLICT ' .. id .. ' is not above the head') end
    return added
  end
  head = head + 1
end

-- Refreshed once a day, so that an ordinary append writes one command.
local function keep(key)
  if redis.call('PTTL', key) < ARGV[5] - 86400000 then redis.call('PEXPIRE', key, ARGV[5]) end
end

if not KEYS[2] then
  for i = 7, #ARGV, 2 do
    local failed = add(ARGV[i], ARGV[i + 1])
    if failed then return failed end
  end
  keep(log)
  return 0
end

local outcomes, nextKey, written, expires = {}, 3, false, false
for i = 7, #ARGV, 4 do
  local key, known
  if ARGV[i + 2] ~= '0' then
    key, nextKey = KEYS[nextKey], nextKey + 1
    local value = redis.call('GET', key)
    if value then
      local bornAt, place = string.match(value, '^(%d+)%-(.+)$')
      if bornAt == epoch then known = place end
    end
  end
  if not known then
    local failed = add(ARGV[i], ARGV[i + 1])
    if failed then return failed end
    written = true
    if key then redis.call('SET', key, epoch .. '-' .. head .. ' ' .. ARGV[i + 1], 'PX', ARGV[i + 2]) end
    if ARGV[i + 3] ~= '0' then
      redis.call('ZADD', KEYS[2], ARGV[i + 3], epoch .. '-' .. head)
      expires = true
    end
  end
  outcomes[#outcomes + 1] = known or 0
end
if written then keep(log) end
if expires then keep(KEYS[2]) end
return outcomes
