---@meta pipeline.Validator

---@class pipeline.Validator
local pipeline_Validator = {}

---@param input string
---@return boolean
function pipeline_Validator.validate(input) end

return pipeline_Validator
