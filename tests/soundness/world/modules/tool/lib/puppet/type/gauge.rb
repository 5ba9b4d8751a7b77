Puppet::Type.newtype(:gauge) do
  newparam(:name, namevar: true)
  newparam(:level) do
    munge { |value| Integer(value) }
  end
end
