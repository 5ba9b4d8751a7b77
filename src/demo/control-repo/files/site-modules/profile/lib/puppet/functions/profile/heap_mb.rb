# frozen_string_literal: true

# How much of a machine's memory a Java service may take, in whole MiB: a share of it, rounded down to 256 MiB.
Puppet::Functions.create_function(:'profile::heap_mb') do
  # @param memory_bytes the fact memory.system.total_bytes
  # @param share between 0 and 1
  dispatch :heap_mb do
    param 'Integer[0]', :memory_bytes
    param 'Numeric', :share
    return_type 'Integer[256]'
  end

  def heap_mb(memory_bytes, share)
    [(memory_bytes * share / 1_048_576).floor.div(256) * 256, 256].max
  end
end
