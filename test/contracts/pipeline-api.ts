/** An API with everything in it, for tests. */
export const PIPELINE_API = `
[[enum]]
name = "LogLevel"
repr = "u32"
docs = "How much a message matters."
variants = [{ name = "Debug", value = "0" }, { name = "Info", value = "1" }, { name = "Error", value = "0x10", docs = "Somebody must look." }]

[[enum]]
name = "Access"
repr = "u8"
bitflag = true
variants = [{ name = "None", value = "0" }, { name = "Read", value = "1" }, { name = "Write", value = "Read << 1" }, { name = "All", value = "Read | Write" }]

[[types]]
name = "Point"
fields = [{ name = "x", type = "f32" }, { name = "y", type = "f64", docs = "Upwards." }]

[[types]]
name = "Shape"
docs = "A closed line."
[[types.fields]]
name = "name"
type = "StringView"
[[types.fields]]
name = "points"
type = "Array<Point>"
[[types.fields]]
name = "access"
type = "Access"
[types.fields.langs.rust]
attributes = ["serde(default)"]

[[guest_contract]]
name = "data.Transformer"
version = "1.2.0"
docs = "Makes data of data."

[[guest_contract.functions]]
name = "transform"
docs = "Transforms one record."
params = [{ name = "input", type = "StringView", docs = "The record." }]
return = { type = "StringView", docs = "The transformed one." }

[[guest_contract.functions]]
name = "centre"
params = [{ name = "shape", type = "Shape" }]
return = "Point"

[[guest_contract]]
name = "pipeline.Validator"
version = "1.0"

[[guest_contract.functions]]
name = "validate"
params = [{ name = "input", type = "StringView" }]
return = "bool"

[[host_contract]]
name = "host.logger"
version = "1.1.0"
singleton = true
docs = "Logging."

[[host_contract.functions]]
name = "log"
params = [{ name = "message", type = "StringView" }]
return = { type = "void", docs = "Nothing." }

[[host_contract.functions]]
name = "log_with_level"
params = [{ name = "level", type = "LogLevel" }, { name = "message", type = "StringView" }]

[[host_contract.functions]]
name = "total"
params = [{ name = "small", type = "u8" }, { name = "large", type = "u64" }, { name = "bytes", type = "Buffer" }]
return = "u64"
`;
