-- fft: forward and inverse fast Fourier transform of 2^n points, in place, radix 2.
-- Exercises: two parallel float arrays, strided access, trigonometry from a recurrence, swaps.

local function transform(re, im, size, direction)
  local j = 1
  for i = 1, size do
    if i < j then
      re[i], re[j] = re[j], re[i]
      im[i], im[j] = im[j], im[i]
    end
    local half = math.floor(size / 2)
    while half >= 1 and j > half do
      j = j - half
      half = math.floor(half / 2)
    end
    j = j + half
  end
  local span = 1
  while span < size do
    local angle = direction * math.pi / span
    local stepRe, stepIm = math.cos(angle), math.sin(angle)
    local wRe, wIm = 1.0, 0.0
    for offset = 1, span do
      for i = offset, size, span * 2 do
        local k = i + span
        local tRe = wRe * re[k] - wIm * im[k]
        local tIm = wRe * im[k] + wIm * re[k]
        re[k] = re[i] - tRe
        im[k] = im[i] - tIm
        re[i] = re[i] + tRe
        im[i] = im[i] + tIm
      end
      wRe, wIm = wRe * stepRe - wIm * stepIm, wRe * stepIm + wIm * stepRe
    end
    span = span * 2
  end
end

local function run(n)
  local size = 1
  for _ = 1, n do
    size = size * 2
  end
  local re, im = {}, {}
  for i = 1, size do
    re[i] = (i * 7 % 31) / 31.0
    im[i] = 0.0
  end
  transform(re, im, size, 1)
  local spectrum = math.abs(re[2]) + math.abs(im[3])
  transform(re, im, size, -1)
  local worst, sum = 0.0, 0.0
  for i = 1, size do
    local value = re[i] / size
    local difference = math.abs(value - (i * 7 % 31) / 31.0)
    if difference > worst then worst = difference end
    sum = sum + value * (i % 5)
  end
  return string.format("%.6f %.6f %s", spectrum, sum, worst < 1e-6 and "exact" or "off")
end

return { run = run, n = 18, small = 7, slow = 11, luajit = true }
