module Gate
  def self.known = { "secrets" => Secrets.texts, "encrypted" => Secrets.encrypted.keys }

  # What a compile knows to be secret, from the moment it exists: whatever is put into a Sensitive or taken out of one, also where no
  # Sensitive reaches the catalog (`content => $password.unwrap`, an error that quotes it).
  module Secrets
    @held = []
    # Of the whole process: hiera keeps decrypted values, so that a later node gets them without asking again.
    @encrypted = {}

    class << self
      attr_reader :encrypted

      def begin
        @held.clear
      end

      def note(value)
        @held << value
        value
      end

      # The texts of all of it; numbers as their digits. Keys of hashes are words like `password`, and no secrets unless they are Sensitive.
      def texts
        found = {}
        seen = {}.compare_by_identity
        waiting = @held.dup
        until waiting.empty?
          value = waiting.pop
          case value
          when String, Symbol, Numeric then found[Gate.clean(value.to_s)] = true
          when Array, Hash, Puppet::Pops::Types::PSensitiveType::Sensitive
            next if seen[value]

            seen[value] = true
            waiting.concat(inside(value))
          when Puppet::Pops::Types::PBinaryType::Binary then found[Gate.clean(value.binary_buffer)] = true
          when nil, true, false, :undef then next
          else found[Gate.clean(value.to_s)] = true
          end
        end
        found.keys
      end

      def inside(value)
        case value
        when Array then value
        when Hash then value.values + value.keys.grep(Puppet::Pops::Types::PSensitiveType::Sensitive)
        else [value.unwrap]
        end
      end
    end

    module Noted
      def initialize(value)
        super
        Secrets.note(value)
      end

      # One that Ruby of the tree made for an earlier node and kept is this node's secret too.
      def unwrap = Secrets.note(super)
    end
  end
end

Puppet::Pops::Types::PSensitiveType::Sensitive.prepend(Gate::Secrets::Noted)
