-- One turn of a stream's reader: what is done leaves the stream, what is refused goes beside it, and the oldest entries that are left come back. One script,
-- so that at no moment an entry is neither in the stream nor done nor among the refused. Done again it changes nothing.
-- KEYS[1] stream  [2] stream of the refused, in the same hash slot
-- ARGV[1] not after (Unix ms of this Redis' clock)  [2] entries wanted at most  [3] entries to keep in KEYS[2], about  [4] bytes of a field that are looked at
--     [5] number of ids that are done  [6...] these, and then id and reason of each that is refused
-- Returns { length of the stream, entry, … }, an entry being { id, { field, value, … } }. Error with nothing done: LATE.
local now = redis.call('TIME')
if now[1] * 1000 + now[2] / 1000 > tonumber(ARGV[1]) then return redis.error_reply('LATE the reader has asked again since') end
local stream, refused, group, reader = KEYS[1], KEYS[2], 'inbox', 'reader'
local wanted, maxField, done = tonumber(ARGV[2]), tonumber(ARGV[4]), tonumber(ARGV[5])

-- An answer stays small, whatever publishers write: it ends with the slice that exceeds this.
local maxBytes, slice = 4 * 1024 * 1024, 50

local function refuse(id, reason)
  local found = redis.call('XRANGE', stream, id, id)[1]
  if not found then return end -- refused already, by another reader or by this one
  local fields = { 'reason', reason, 'entry', id }
  for i = 1, math.min(#found[2], 64) do fields[#fields + 1] = string.sub(found[2][i], 1, maxField) end
  redis.call('XADD', refused, 'MAXLEN', '~', ARGV[3], '*', unpack(fields))
  redis.call('XACK', stream, group, id)
  redis.call('XDEL', stream, id)
end

if done > 0 then
  redis.call('XACK', stream, group, unpack(ARGV, 6, 5 + done))
  redis.call('XDEL', stream, unpack(ARGV, 6, 5 + done))
end
for i = 6 + done, #ARGV, 2 do refuse(ARGV[i], ARGV[i + 1]) end

local length = redis.call('XLEN', stream)
local answer, bytes = { length }, 0
if wanted == 0 or length == 0 then return answer end

local function add(entries)
  for _, entry in ipairs(entries) do
    local fields = entry and entry[2] or {}
    for i = 1, #fields do
      bytes = bytes + #fields[i]
      if #fields[i] > maxField then fields[i] = string.sub(fields[i], 1, maxField + 1) end -- one more, so that it is seen to be too long
    end
    if entry then answer[#answer + 1] = entry end
  end
end

local function isFull() return #answer > wanted or bytes > maxBytes end

-- What any reader was given and has not acknowledged comes first, from a reader that still runs too: nothing newer is given to anybody before it is done, and that
-- keeps the order. Two that append the same entry make one, by its key.
local cursor = '0'
repeat
  local claimed = redis.pcall('XAUTOCLAIM', stream, group, reader, 0, cursor, 'COUNT', math.min(slice, wanted))
  if claimed.err then
    if not string.find(claimed.err, 'NOGROUP', 1, true) then return claimed end
    redis.call('XGROUP', 'CREATE', stream, group, '0')
    break
  end
  cursor = claimed[1]
  add(claimed[2])
until cursor == '0-0' or isFull()
if #answer > 1 then return answer end

repeat
  local read = redis.call('XREADGROUP', 'GROUP', group, reader, 'COUNT', math.min(slice, wanted), 'STREAMS', stream, '>')
  if read then add(read[1][2]) end
until not read or isFull()
return answer
