# What hiera asks of data files, by key. Providers answer a node from what an earlier one made them read, so this is noted where they are
# asked, and not where a file is read.
module Gate
  # Functions whose answer to a key is in the file under that key, whatever else it holds.
  BY_KEY = %w[yaml_data json_data eyaml_lookup_key].freeze
  PUPPETS_DATA = [*BY_KEY, "hocon_data"].freeze

  module KeysAsked
    def lookup(key, *)
      if Gate.trace && key.is_a?(String)
        Gate.trace.note(:keys, "lookup_options")
        Gate.trace.note(:keys, key.match?(/[."']/) ? Puppet::Pops::Lookup::LookupKey.new(key).root_key.to_s : key)
      end
      super
    end
  end
  Puppet::Pops::Lookup::LookupAdapter.prepend(KeysAsked)

  module FilesAskedWhole
    private

    def data_value(invocation, location, root_key)
      if (trace = Gate.trace)
        trace.note(:functions, function_name.downcase) unless PUPPETS_DATA.include?(function_name)
        trace.data(location, BY_KEY.include?(function_name) ? root_key : nil) if location
      end
      super
    end
  end
  Puppet::Pops::Lookup::DataHashFunctionProvider.prepend(FilesAskedWhole)

  module FilesAskedByKey
    private

    def lookup_key(key, invocation, location, merge)
      if (trace = Gate.trace)
        trace.note(:functions, function_name.downcase) unless PUPPETS_DATA.include?(function_name)
        trace.note(:impure, "hiera asks the function #{function_name}") unless BY_KEY.include?(function_name)
        trace.data(location, key) if location&.exist?
      end
      super
    end
  end
  Puppet::Pops::Lookup::LookupKeyFunctionProvider.prepend(FilesAskedByKey)

  module BackendsAsked
    private

    def data_dig(*)
      Gate.trace&.note(:impure, "hiera asks the function #{function_name}")
      super
    end
  end
  [Puppet::Pops::Lookup::DataDigFunctionProvider, Puppet::Pops::Lookup::V3BackendFunctionProvider].each { |provider| provider.prepend(BackendsAsked) }

  # Places without a file, and folders where a pattern was looked for. A hierarchy may be kept from node to node.
  module PlacesTried
    def configured_data_providers(*)
      trace = Gate.trace
      return super unless trace

      before, @gate_made = @data_providers, { absent: [], folders: [] }
      providers = super
      @gate_kept = @gate_made unless before.equal?(@data_providers)
      return providers unless providers && trace.hierarchy?(providers)

      providers.flat_map { |provider| provider.locations.compact }.each { |place| trace.absent(place) unless place.exist? }
      @gate_kept[:absent].each { |path| trace.absent(path) }
      @gate_kept[:folders].each { |folder| trace.note(:folders, folder) if trace.own?(folder) }
      providers
    end

    # Without a hiera.yaml, places without a file are left out.
    def resolve_paths(datadir, declared, invocation, is_default, extension = nil)
      found = super
      @gate_made[:absent].concat(declared.map { |path| datadir + path } - found.map(&:location)) if is_default && @gate_made
      found
    end

    def expand_globs(datadir, declared, invocation)
      folders = declared.map { |glob| Gate.listed((datadir + interpolate(glob, invocation, false)).to_s) }
      @gate_made[:folders].concat(folders) if @gate_made
      super
    end
  end
  Puppet::Pops::Lookup::HieraConfig.prepend(PlacesTried)

  module PlaceTried
    def initialize(original, location, exist)
      super
      Gate.trace&.absent(location) if !exist && location.is_a?(Pathname)
    end
  end
  Puppet::Pops::Lookup::ResolvedLocation.prepend(PlaceTried)

  # The folder that holds all that a pattern can match.
  def self.listed(pattern)
    fixed = pattern.split("/").take_while { |name| !name.match?(/[*?\[\]{}\\]/) }
    File.expand_path(fixed.size == pattern.split("/").size ? File.dirname(pattern) : fixed.join("/"))
  end
end
