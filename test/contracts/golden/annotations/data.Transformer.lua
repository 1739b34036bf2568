---@meta data.Transformer

---Makes data of data.
---@class data.Transformer
local data_Transformer = {}

---Transforms one record.
---@param input string The record.
---@return string # The transformed one.
function data_Transformer.transform(input) end

---@param shape Shape
---@return Point
function data_Transformer.centre(shape) end

return data_Transformer
