---@meta contracts.types

local types = {}

---How much a message matters.
---@enum LogLevel
types.LogLevel = {
  Debug = 0,
  Info = 1,
  Error = 16, -- Somebody must look.
}

---@enum Access
types.Access = {
  None = 0,
  Read = 1,
  Write = 2,
  All = 3,
}

---@class Point
---@field x number (f32)
---@field y number (f64) Upwards.

---A closed line.
---@class Shape
---@field name string
---@field points Point[]
---@field access integer (Access)

return types
