-- ARGV: owner, generation of the entry that was seen (0 for none), 1 if it was rejected, duration in milliseconds.
local time = now()
local stored = entry(time) or 0
local seen = tonumber(ARGV[2])
if stored > seen then return {'changed', 0, 0} end
if stored == seen and stored > 0 and ARGV[3] == '1' then redis.call('DEL', KEYS[1]) end

local owner, generation, at, remaining = lease(time)
if owner and owner ~= ARGV[1] then return {'held', remaining, 0} end
if owner and generation > stored then
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
  return {'granted', generation, at}
end
generation = math.max(time, stored + 1, (generation or 0) + 1)
at = math.floor(time / 1000)
redis.call('SET', KEYS[2], ARGV[1] .. digits(generation) .. ':' .. digits(at), 'PX', ARGV[4])
return {'granted', generation, at}
