# What stands in for the private things of a site that a check does not have: files outside the tree, names of its DNS, answers of its PuppetDB.
# As a worker is told: {"folders":[…],"dns":{name:[{"type","value"}]},"queries":[{"query","result"}],"exported":[{certname,type,title,tags,
# parameters}] | null}. Whatever was used, or asked for in vain, is told with the catalog: the language has no way to hide it.
module Gate
  class StandIns
    MOST = 2_000
    LONGEST = 2_000
    SHOWN = 300

    attr_reader :exported

    def initialize(data, own)
      @folders = data.fetch("folders")
      @dns = data.fetch("dns")
      @queries = data.fetch("queries")
      @exported = data.fetch("exported")
      @own = own
      start
    end

    def start
      @used = {}
      @missing = {}
      @collectors = {}
      @unanswered = nil
    end

    def used(kind, name) = note(@used, kind, name)
    def missing(kind, name) = note(@missing, kind, name)

    # A file that was read, or looked for: those of the tree and its modules are nobody's stand-ins.
    def file(kind, path, key = nil)
      path = File.expand_path(path.to_s)
      return if @own.any? { |folder| inside?(path, folder) }
      return missing(kind, path) unless File.exist?(path)

      used(kind, key ? "#{path}: #{key}" : path) if @folders.any? { |folder| inside?(path, folder) }
    end

    def records(name, type)
      name = name.to_s.downcase.delete_suffix(".")
      found = @dns[name]
      found ? used("dns", name) : missing("dns", name)
      (found || []).filter_map { |record| record["value"] if record["type"] == type }
    end

    # Where there is none, the compile fails in the end: an empty answer would be a guess. It goes on with one all the same, so that
    # what else it asks for is told at once.
    def query(query)
      asked = query.is_a?(String) ? query.split.join(" ") : query
      found = @queries.find { |each| (each["query"].is_a?(String) ? each["query"].split.join(" ") : each["query"]) == asked }
      text = asked.is_a?(String) ? asked : JSON.generate(asked)
      if found
        used("puppetdb", text)
        return found.fetch("result")
      end
      missing("puppetdb", text)
      unanswered(text)
      []
    end

    # Yields, and raises the first query that had no answer, whatever else came of it.
    def answered
      result = yield
    rescue StandardError => e
      @unanswered ? raise(@unanswered, cause: nil) : raise(e)
    else
      @unanswered ? raise(@unanswered) : result
    end

    def collect(type, filter)
      @collectors[[type, filter]] = true if @collectors.size < MOST
    end

    def told
      lists = [@used, @missing].map { |notes| notes.keys.sort.map { |kind, name| { "kind" => kind, "name" => name } } }
      { "used" => lists[0], "missing" => lists[1], "collectors" => @collectors.keys.map { |type, filter| { "type" => type, "filter" => filter } } }
    end

    private

    def unanswered(text)
      return if @unanswered

      words = "PuppetDB is not asked in a check, and no stand-in has an answer to the query #{text[0, SHOWN]}"
      @unanswered = Puppet::ParseError.new(words, *Puppet::Pops::PuppetStack.top_of_stack)
    end

    def note(notes, kind, name) = notes.size < MOST && notes[[kind, Gate.clean(name.to_s)[0, LONGEST]]] = true

    def inside?(path, folder) = path == folder || path.start_with?("#{folder}/")
  end

  class << self
    attr_accessor :stand_ins
  end

  module DataOfFiles
    private

    def data_value(invocation, location, key)
      value = super
      Gate.stand_ins.file("hiera", location.location, key) if location&.location.is_a?(Pathname)
      value
    end
  end
  Puppet::Pops::Lookup::DataHashFunctionProvider.prepend(DataOfFiles)

  module KeysOfFiles
    private

    def lookup_key(key, invocation, location, merge)
      value = super
      Gate.stand_ins.file("hiera", location.location, key) if location&.location.is_a?(Pathname)
      value
    end
  end
  Puppet::Pops::Lookup::LookupKeyFunctionProvider.prepend(KeysOfFiles)

  module Locations
    def initialize(original, location, exist)
      super
      Gate.stand_ins.file("hiera", location) if !exist && location.is_a?(Pathname)
    end
  end
  Puppet::Pops::Lookup::ResolvedLocation.prepend(Locations)

  module FilesByPath
    def find_file(file, environment)
      found = super
      Gate.stand_ins.file("file", found || file) if file.to_s.start_with?("/")
      found
    end

    def find_template(template, environment)
      found = super
      Gate.stand_ins.file("file", found || template) if template.to_s.start_with?("/")
      found
    end
  end
  Puppet::Parser::Files.singleton_class.prepend(FilesByPath)

  # The function that PuppetDB's own package brings to a server.
  module QueryFunction
    def initialize(*)
      super
      function = Puppet::Functions.create_loaded_function(:puppetdb_query, puppet_system_loader) do
        dispatch(:query) { param "Variant[String[1], Array]", :query }

        def query(query) = Gate.stand_ins.query(query)
      end
      puppet_system_loader.add_entry(:function, "puppetdb_query", function.new(nil, puppet_system_loader.private_loader), nil)
    end
  end
  Puppet::Pops::Loaders.prepend(QueryFunction)
end
