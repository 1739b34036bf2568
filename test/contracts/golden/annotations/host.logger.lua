---@meta host.logger

---Logging.
---@class host.logger
local host_logger = {}

---@param message string
function host_logger.log(message) end

---@param level LogLevel
---@param message string
function host_logger.log_with_level(level, message) end

---@param small integer (u8)
---@param large integer (u64)
---@param bytes string (bytes)
---@return integer # (u64)
function host_logger.total(small, large, bytes) end

return host_logger
