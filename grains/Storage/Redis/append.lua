-- Appends batches of several inboxes, each behind its own fence: of a batch all entries or none.
-- KEYS of each batch: log and, only with keys or expiries: exp, collapse, then, only with what waits: waiting, due, collapse keys of what waits,
--      then the idempotency keys in the order of their entries
-- ARGV[1] not after (Unix ms of this Redis' clock)  [2] TTL of the logs in ms
-- ARGV[3...] of each batch: epoch, head, lowest seq to keep, writer, number of entries, flags: 1 with keys or expiries, 2 to renew the TTL of the log,
--            4 when the log may have lost its end: its last id has to be the head, 8 with what waits: an entry has a collapse key, has checks, or waited
--            and of each entry: json, createdAt in Unix ms and, only with keys or expiries: its key's life in ms, or 0 without a key; its expiry in Unix ms, or 0; the hash kept beside its key, or ''; its collapse key, or ''; and, only with what waits: the id under which it waited, or ''; and a line for each check, '<id> <due> <options>'
-- Returns of each batch: {} (all written, no keys or expiries); or of each entry 0 (written), '=<seq>' (written, replaces that one) or '<seq> <createdAt>[ <hash>]'
-- of the first one with the same idempotency key ('0 <createdAt> <hash or -> <id>' when that one is scheduled), or '-' (not written: it does not wait any more);
-- or, with nothing of the batch written, { 'CONFLICT …' } or { 'REFUSED …' }. Error with nothing written at all: LATE.
local now = redis.call('TIME')
if now[1] * 1000 + now[2] / 1000 > tonumber(ARGV[1]) then return redis.error_reply('LATE the caller was told that nothing was stored') end
local ttl = tonumber(ARGV[2])
local k, a = 1, 3

-- Renewed once a day, so that an ordinary append writes one command.
local function keep(key)
  if redis.call('PTTL', key) < ttl - 86400000 then redis.call('PEXPIRE', key, ttl) end
end

-- The first XADD of a batch is the fence: nothing is written before it, and after it no other can fail.
local function add(log, epoch, seq, trim, json, createdAt, writer, key)
  local id = epoch .. '-' .. seq
  local added
  if key then
    added = redis.pcall('XADD', log, id, 'n', json, 't', createdAt, 'w', writer, 'k', key)
  elseif trim then
    added = redis.pcall('XADD', log, 'MINID', '~', epoch .. '-' .. trim, id, 'n', json, 't', createdAt, 'w', writer)
  else
    added = redis.pcall('XADD', log, id, 'n', json, 't', createdAt, 'w', writer)
  end
  if type(added) ~= 'table' or not added.err then return nil end
  if string.find(added.err, 'equal or smaller', 1, true) then return 'CONFLICT ' .. id .. ' is not above the head' end
  return 'REFUSED ' .. added.err
end

-- True when it waited.
local function leave(waits, id)
  if redis.call('HDEL', KEYS[waits], id) == 0 then return false end
  redis.call('ZREM', KEYS[waits + 1], id)
  redis.call('HDEL', KEYS[waits + 2], id)
  return true
end

-- Whether an entry that waited may come: not when it was withdrawn, and not a snoozed one whose collapse key a newer one has. With '!': one that may come unless that waits.
local function comes(waits, id, epoch, before)
  if string.sub(id, 1, 1) == '!' then return redis.call('HEXISTS', KEYS[waits], string.sub(id, 2)) == 0 end
  if redis.call('HEXISTS', KEYS[waits], id) == 0 then return false end
  if not before or not string.find(id, '^%d') or id == epoch .. '-' .. before then return true end
  leave(waits, id)
  return false
end

-- What is to be looked at later: whether the entry is seen by then.
local function check(waits, lines, id)
  for check, due, options in string.gmatch(lines, '(%S+) (%d+) ([^\n]*)') do
    redis.call('HSET', KEYS[waits], check, due .. (options ~= '' and ' ' or '') .. options .. '\n"' .. id .. '"')
    redis.call('ZADD', KEYS[waits + 1], due, check)
    redis.call('PEXPIRE', KEYS[waits], 34560000000) -- 400 days: longer than anything waits
    redis.call('PEXPIRE', KEYS[waits + 1], 34560000000)
  end
end

-- Who had the collapse key until now expires, so that it is gone whatever becomes of the caller. The sorted set says where to look, the entry itself whether it is so.
local function replace(log, exp, collapse, waits, epoch, seq, key, before)
  redis.call('ZADD', collapse, seq, key)
  keep(collapse)
  if not before then return nil end
  local id = epoch .. '-' .. before
  if leave(waits, id) then return nil end
  local entry = redis.call('XRANGE', log, id, id)[1]
  for i = 1, entry and #entry[2] or 0, 2 do
    if entry[2][i] == 'k' and entry[2][i + 1] == key then
      redis.call('ZADD', exp, 1, id)
      return '=' .. before
    end
  end
end

local function last(log)
  local info = redis.pcall('XINFO', 'STREAM', log)
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then return info[i + 1] end
  end
  return 'nothing'
end

local function append()
  local log, epoch, head, low, writer, count, rich = KEYS[k], ARGV[a], tonumber(ARGV[a + 1]), ARGV[a + 2], ARGV[a + 3], tonumber(ARGV[a + 4]), tonumber(ARGV[a + 5])
  local waits, exact, renew = rich >= 8 and k + 3, rich % 8 >= 4, rich % 4 >= 2
  rich = rich % 2 == 1
  local exp, collapse, nextKey, e, step = rich and KEYS[k + 1], rich and KEYS[k + 2], k + (waits and 6 or 3), a + 6, waits and 8 or rich and 6 or 2
  a = e + count * step
  k = rich and nextKey or k + 1
  if rich then
    for i = 0, count - 1 do
      if ARGV[e + i * step + 2] ~= '0' then k = k + 1 end
    end
  end
  -- A birth needs an empty log, or two writers that both saw none would mix two epochs.
  if head == 0 and redis.call('XLEN', log) > 0 then return { 'CONFLICT the inbox was born meanwhile' } end
  if head > 0 and exact then
    local there = last(log)
    if there ~= epoch .. '-' .. ARGV[e - 5] then return { 'CONFLICT the log ends at ' .. there } end
  end

  local trim = tonumber(low) > 1 and low or nil
  local outcomes, written, expires = {}, false, false
  for i = 1, count do
    local key, known, replaced
    local collapseKey = rich and ARGV[e + 5] ~= '' and ARGV[e + 5] or nil
    if rich and ARGV[e + 2] ~= '0' then
      key, nextKey = KEYS[nextKey], nextKey + 1
      local value = redis.call('GET', key)
      if value then
        local bornAt, place = string.match(value, '^(%d+)%-(.+)$')
        if bornAt == epoch or bornAt == '0' then known = place end
      end
    end
    local before = collapseKey and not known and redis.call('ZSCORE', collapse, collapseKey) -- a user that may not do this is refused before anything is written
    local waited = waits and ARGV[e + 6] ~= '' and ARGV[e + 6] or nil
    if waited and not known and not comes(waits, waited, epoch, before) then known = '-' end
    if not known then
      local failed = add(log, epoch, head + 1, trim, ARGV[e], ARGV[e + 1], writer, collapseKey)
      if failed then return { failed } end
      head = head + 1
      if collapseKey then
        if trim then
          redis.call('XTRIM', log, 'MINID', '~', epoch .. '-' .. trim)
          redis.pcall('ZREMRANGEBYSCORE', collapse, '-inf', '(' .. trim)
        end
        replaced = replace(log, exp, collapse, waits, epoch, head, collapseKey, before)
        expires = expires or replaced
      end
      if waited then leave(waits, waited) end
      if waits then check(waits, ARGV[e + 7], epoch .. '-' .. head) end
      trim, written = nil, true
      if key then
        local hash = ARGV[e + 4] ~= '' and ' ' .. ARGV[e + 4] or ''
        redis.call('SET', key, epoch .. '-' .. head .. ' ' .. ARGV[e + 1] .. hash, 'PX', ARGV[e + 2])
      end
      if rich and ARGV[e + 3] ~= '0' then
        redis.call('ZADD', exp, ARGV[e + 3], epoch .. '-' .. head)
        expires = true
      end
    end
    outcomes[i] = known or replaced or 0
    e = e + step
  end
  if written and renew then redis.call('PEXPIRE', log, ttl) end
  if expires then keep(exp) end
  return rich and outcomes or {}
end

local answers = {}
while KEYS[k] do answers[#answers + 1] = append() end
return answers
