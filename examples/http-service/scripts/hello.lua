function handle(name)
  if name == '' then return 'who?', 400 end
  return ('hello, %s, for the %d. time'):format(name, hits(name))
end
