-- The generation of the entry, 0 if it is absent, and whether there is a lease.
local time = now()
return {entry(time) or 0, lease(time) and 1 or 0}
