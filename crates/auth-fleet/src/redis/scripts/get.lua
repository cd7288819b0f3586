local generation, remaining, value = entry(now())
if not generation then return false end
return {generation, remaining, value}
