require "digest"

# hiera-eyaml as Puppet's own `eyaml_lookup_key` and other backends call it, without keys: each encrypted value becomes a text of its own,
# made of nothing but the ciphertext, so that another ciphertext is another value. What stands around it is kept, as hiera-eyaml keeps it.
module Gate
  module Eyaml
    # As hiera-eyaml's parser has it: lib/hiera/backend/eyaml/parser/encrypted_tokens.rb
    ENCRYPTED = %r{ENC\[(?:\w+,)?([a-zA-Z0-9+/=\s]+?)\]}.freeze
    # What its editor leaves where somebody saved the file by hand. It is clear text.
    DECRYPTED = /DEC(?:\(\d+\))?::\w+\[(.*?)\]!/m.freeze

    Token = Struct.new(:to_plain_text)

    def self.parse(text)
      text.scan(DECRYPTED) { |(clear)| Secrets.encrypted[clear] = true }
      [Token.new(text.gsub(ENCRYPTED) { stand_in(Regexp.last_match(1)) })]
    end

    # Case and line ends of the block do not matter to base64; blanks do not either.
    def self.stand_in(ciphertext)
      text = "secret-#{Digest::SHA256.hexdigest(ciphertext.gsub(/\s+/, ""))[0, 40]}"
      Secrets.encrypted[text] = true
      text
    end
  end
end

class Hiera
  module Backend
    module Eyaml
      module Options
        def self.set(options) = @options = options

        def self.[](name) = (@options || {})[name.to_s] || (@options || {})[name.to_sym]
      end

      module Utils; end
      class Encryptor; end

      module Parser
        module ParserFactory
          def self.hiera_backend_parser = Gate::Eyaml
          def self.encrypted_parser = Gate::Eyaml
        end
      end
    end
  end
end

# Whether the library is installed here or not, its files count as read, and its keys are never looked for.
Puppet.features.add(:hiera_eyaml) { true }
%w[encryptor utils options parser/parser].each { |name| $LOADED_FEATURES << "hiera/backend/eyaml/#{name}.rb" }
