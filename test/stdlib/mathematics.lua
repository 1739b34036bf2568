-- Mathematics: conversions, random sequences, digits of the transcendental functions.
math.randomseed(42) print(math.random(), math.random(100), math.random(0), math.random(3,7)) print(math.randomseed(42))
print(math.random(math.mininteger,math.maxinteger))
print(pcall(math.random,2,1)) print(pcall(math.random,1,2,3)) print(pcall(math.fmod,1,0)) print(math.fmod(1,0.0), math.fmod(-6,4), pcall(math.fmod,math.mininteger,-1))
print(math.floor(1e100), math.ceil(-0.5), math.floor(-0.0), math.abs(math.mininteger), math.modf(-3.7), math.modf(math.huge), math.modf(5))
print(math.log(8,2), math.log(100,10), math.log(2,3), math.log(0), math.max(1,2.5), math.min(3))
print(math.floor(-3.5),math.ceil(-3.5),math.floor(3),math.max(1,2.5,-1),math.min(3,1.5),math.fmod(-7,3),math.fmod(7,-3),math.fmod(-7.5,2),math.tointeger(3.0),math.tointeger(3.5),math.tointeger("7"),math.type(1),math.type(1.0),math.type("1"),math.abs(-5),math.abs(-5.5),math.ult(-1,1),math.sqrt(16),math.exp(0),math.log(1),math.sin(0),math.cos(0),math.deg(math.pi),math.rad(180),math.atan(1),math.atan(1,-1),math.atan(-0.0,-1))
for i=1,200 do local x = (math.random()-0.5)*10^math.random(-5,5) io.write(string.format("%.14g %.14g %.14g %.14g %.14g %.14g %.14g\n",math.sin(x),math.cos(x),math.tan(x),math.exp(x%20),math.log(math.abs(x)),math.atan(x),math.log(math.abs(x),10))) end
