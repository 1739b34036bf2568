-- methods: objects of three classes with two levels of inheritance, called through one loop.
-- Exercises: method lookup through __index, field updates, call sites with one and with several receivers.

local Account = {}
Account.__index = Account

function Account.new(class, balance)
  return setmetatable({ balance = balance, changes = 0 }, class)
end

function Account:deposit(amount)
  self.balance = self.balance + amount
  self.changes = self.changes + 1
end

function Account:fee()
  return 1
end

function Account:withdraw(amount)
  local due = amount + self:fee()
  if self.balance < due then return false end
  self.balance = self.balance - due
  self.changes = self.changes + 1
  return true
end

local Savings = setmetatable({}, { __index = Account })
Savings.__index = Savings

function Savings:fee()
  return 3
end

local Premium = setmetatable({}, { __index = Savings })
Premium.__index = Premium

function Premium:fee()
  return 0
end

local function run(n)
  local single = Account.new(Savings, 1000)
  for i = 1, n do
    single:deposit(i % 7)
    single:withdraw(i % 5)
  end
  local accounts = { Account.new(Account, 10), Account.new(Savings, 20), Account.new(Premium, 30) }
  local refused = 0
  for i = 1, n do
    local account = accounts[i % 3 + 1]
    account:deposit(i % 11)
    if not account:withdraw(i % 13) then refused = refused + 1 end
  end
  local balance, changes = single.balance, single.changes
  for _, account in ipairs(accounts) do
    balance = balance + account.balance
    changes = changes + account.changes
  end
  return string.format("%d %d %d", balance, changes, refused)
end

return { run = run, n = 1000000, small = 600, slow = 20000, luajit = true }
