-- Reads grains' states.
-- KEYS hashes: etag, data
-- Returns of each { etag, data }, false for what is not there; or { why }.
local states = {}
for i = 1, #KEYS do
  local state = redis.pcall('HMGET', KEYS[i], 'etag', 'data')
  states[i] = state.err and { state.err } or state
end
return states
