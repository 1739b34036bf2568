-- What users write by mistake.
function handle() while true do end end
