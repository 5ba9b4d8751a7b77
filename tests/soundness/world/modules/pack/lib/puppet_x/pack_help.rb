module PackHelp
  WORD = "help".freeze
end
