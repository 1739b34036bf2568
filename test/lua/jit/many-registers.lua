-- A function whose registers fill several words of the sets that liveness is kept in: what is beyond the first 32 and 64 survives loops, exits and closures.
local function run(rounds)
  local v0, v1, v2, v3, v4, v5, v6, v7, v8, v9 = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
  local v10, v11, v12, v13, v14, v15, v16, v17, v18, v19 = 10, 11, 12, 13, 14, 15, 16, 17, 18, 19
  local v20, v21, v22, v23, v24, v25, v26, v27, v28, v29 = 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
  local v30, v31, v32, v33, v34, v35, v36, v37, v38, v39 = 30, 31, 32, 33, 34, 35, 36, 37, 38, 39
  local v40, v41, v42, v43, v44, v45, v46, v47, v48, v49 = 40, 41, 42, 43, 44, 45, 46, 47, 48, 49
  local v50, v51, v52, v53, v54, v55, v56, v57, v58, v59 = 50, 51, 52, 53, 54, 55, 56, 57, 58, 59
  local v60, v61, v62, v63, v64, v65, v66, v67, v68, v69 = 60, 61, 62, 63, 64, 65, 66, 67, 68, 69
  local v70, v71, v72, v73, v74, v75, v76, v77, v78, v79 = 70, 71, 72, 73, 74, 75, 76, 77, 78, 79
  local v80, v81, v82, v83, v84, v85, v86, v87, v88, v89 = 80, 81, 82, 83, 84, 85, 86, 87, 88, 89
  local v90, v91, v92, v93, v94, v95, v96, v97, v98, v99 = 90, 91, 92, 93, 94, 95, 96, 97, 98, 99
  local v100, v101, v102, v103, v104, v105, v106, v107, v108, v109 = 100, 101, 102, 103, 104, 105, 106, 107, 108, 109
  local v110, v111, v112, v113, v114, v115, v116, v117, v118, v119 = 110, 111, 112, 113, 114, 115, 116, 117, 118, 119
  local functions = {}
  for i = 1, rounds do
    v0 = v0 + 1
    v31, v32 = v32, v31 + i % 3
    if i % 7 == 0 then v64 = v64 + v63 elseif i % 11 == 0 then v95, v96 = v96, v95 end
    do local a, b = v119 + i, v100; v119, v118 = a % 1000, b + v118 % 5 end
    if i % 50 == 0 then functions[#functions + 1] = function() v90 = v90 + 1; return v90 + i end end
  end
  for i = 1, #functions do v91 = v91 + functions[i]() end
  for k, f in pairs(functions) do v92 = v92 + k + f() end
  return v0, v31, v32, v63, v64, v90, v91, v92, v95, v96, v118, v119, v1 + v30 + v33 + v65 + v97 + v117
end
print(run(10))
print(run(300))
print(run(3000))
