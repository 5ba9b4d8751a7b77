# Twice.
Puppet::Functions.create_function(:'tool::double') do
  dispatch :double do
    param 'Integer', :number
  end

  def double(number)
    number * 2
  end
end
