require "rbconfig"

# Files that functions and templates name, and whatever else code of the tree opens, looks for or lists.
module Gate
  # Ruby's own folders and Puppet's, its core modules among them.
  LIBRARIES = [
    *RbConfig::CONFIG.values_at("rubylibdir", "sitedir", "vendordir", "archdir"), *Gem.path, "/opt/puppetlabs/puppet", *Dir[File.read("/gate/core-modules")]
  ].map { |folder| "#{folder}/" }.freeze

  # What Puppet finds in a module for a function: template, epp, file, find_file, binary_file and theirs.
  module FilesNamed
    { find_file: "files", find_template: "templates" }.each do |name, folder|
      define_method(name) do |reference, environment|
        found = super(reference, environment)
        Gate.trace&.named(reference, found, folder, environment)
        found
      end
    end
  end
  Puppet::Parser::Files.singleton_class.prepend(FilesNamed)

  class Trace
    # A module that is not there may yet come to be in any folder of modules.
    def named(reference, found, folder, environment)
      return noted_file(File.expand_path(found)) if found

      name, file = reference.to_s.split("/", 2)
      return if file.nil?

      modules = [environment.module(name)&.path].compact
      modules = environment.full_modulepath.map { |path| File.join(path, name) } if modules.empty?
      modules.each { |path| noted_file(File.expand_path(File.join(path, folder, file))) }
    end

    # A path that Ruby of the tree used: Puppet's own loaders tell of theirs by names.
    def opened(path, listed)
      return if @busy

      @busy = true
      path = path.to_path if path.respond_to?(:to_path)
      return unless path.is_a?(String) && !path.include?("\0")

      full = listed == :pattern ? Gate.listed(path) : File.expand_path(path)
      return if "#{full}/".start_with?(*HARMLESS) || !Callers.tree?
      return outside_file(full, listed) unless own?(full)

      sticky(listed || File.directory?(full) ? :folders : :files, full)
    ensure
      @busy = false
    end

    private

    def noted_file(path)
      own?(path) && note(File.directory?(path) ? :folders : :files, path)
    end

    # Stand-ins are told as such; where there is nothing, there may be one some day. That there is a /tmp is the same everywhere; what is in it is not.
    def outside_file(path, listed)
      return sticky_outside if !File.exist?(path) || path.start_with?(*@stand_ins)
      return if path.start_with?(*IMAGE) || (path == "/tmp" && listed.nil?)

      sticky(:impure, "#{path}, outside the tree, is read")
    end

    # The same for all trees: Ruby's own folders, Puppet's, this worker's. The last holds what takes no content.
    HARMLESS = [*LIBRARIES, "/usr/share/zoneinfo/", "/gate/", "/dev/null"].freeze
    # What is installed is the same for every tree, and kept compiles end with it (`image` in versions.ts).
    IMAGE = %w[/usr/ /bin/ /sbin/ /lib /opt/puppetlabs/].freeze
  end

  # Whose code is running: that of the tree, or of Puppet itself, which tells of its reads elsewhere.
  module Callers
    PUPPET = "#{File.expand_path("..", $LOADED_FEATURES.grep(%r{/puppet\.rb\z}).first)}/puppet/".freeze
    # Puppet's ways to open a file for others.
    HANDS = %w[file_system util pops/parser parser/e4_parser_adapter indirector file_serving].map { |name| "#{PUPPET}#{name}" }.freeze
    LOADER = "#{PUPPET}util/autoload.rb".freeze
    LIBRARY = [*LIBRARIES, "<internal:"].freeze

    def self.tree?
      from = 3
      while (frames = caller_locations(from, 12)) && !frames.empty?
        frames.each do |frame|
          path = frame.path
          next if path.start_with?("/gate/trace")
          return false if path.start_with?("/gate/") || path.end_with?(".pp")

          if path.start_with?(PUPPET)
            return false if path == LOADER || !path.start_with?(*HANDS)
          elsif !path.start_with?(*LIBRARY)
            return true
          end
        end
        from += 12
      end
      false
    end
  end

  # Ruby's ways to a file. Pathname goes by these too.
  module Opened
    def self.into(owner, names, listed)
      hooks = Module.new do
        (names & owner.methods).each do |name|
          define_method(name) do |path = nil, *rest, **options, &block|
            Gate.trace&.opened(path, listed)
            super(path, *rest, **options, &block)
          end
        end
      end
      owner.singleton_class.prepend(hooks)
    end

    PROBES = %i[
      exist? file? directory? symlink? readable? writable? executable? size size? zero? empty? pipe? socket? blockdev? chardev?
      owned? world_readable? readable_real? executable_real?
    ].freeze
    into(File, PROBES + %i[stat lstat mtime atime ctime birthtime ftype readlink realpath realdirpath], nil)
    into(FileTest, PROBES, nil)
    into(IO, %i[read binread readlines foreach sysopen copy_stream], nil)
    into(Dir, %i[entries children each_child foreach open empty?], :folder)
    into(Dir, %i[exist?], nil)

    module Patterns
      def glob(patterns, *rest, base: nil, **options, &block)
        Array(patterns).each { |pattern| Gate.trace.opened(File.join(*[base, pattern].compact.map(&:to_s)), :pattern) } if Gate.trace
        super(patterns, *rest, **(base ? options.merge(base: base) : options), &block)
      end

      def [](*patterns, **options)
        patterns.flatten.each { |pattern| Gate.trace.opened(File.join(*[options[:base], pattern].compact.map(&:to_s)), :pattern) } if Gate.trace
        super
      end
    end
    Dir.singleton_class.prepend(Patterns)

    module Made
      def initialize(path, *, **, &block)
        Gate.trace&.opened(path, nil)
        super
      end
    end
    File.prepend(Made)
    File::Stat.prepend(Made)

    # `open` opens files by itself. Included and not prepended: Ruby 2.7 sees no prepending to what is included already.
    module Kernels
      private

      def open(path = nil, *rest, **options, &block)
        Gate.trace&.opened(path, nil)
        super(path, *rest, **options, &block)
      end

      def load(path, *)
        Gate.trace&.opened(path, nil)
        super
      end
    end
    Object.include(Kernels)
  end

  module TemplatesUsed
    def result(string = nil)
      if Gate.trace
        name = string ? "in #{scope.source&.file || "the main manifest"}" : @__file__
        Impurity.template(name, string || Puppet::FileSystem.read_preserve_line_endings(@__file__))
      end
      super
    end
  end
  Puppet::Parser::TemplateWrapper.prepend(TemplatesUsed)

  module RubyOfFunctions
    def create(_loader, typed_name, source, text)
      Impurity.ruby(typed_name.name, text) if Gate.trace&.own?(source.to_s)
      super
    end
  end
  Puppet::Pops::Loader::RubyFunctionInstantiator.singleton_class.prepend(RubyOfFunctions)

  module CommandsRun
    %i[execute execpipe execfail].each do |name|
      define_method(name) do |*args, **options, &block|
        Gate.trace&.note(:impure, "a command is run") unless Thread.current[:gate_model]
        super(*args, **options, &block)
      end
    end
  end
  Puppet::Util::Execution.singleton_class.prepend(CommandsRun)

  module ClockAsked
    def now
      Gate.trace&.note(:impure, "a Timestamp of now is made")
      super
    end
  end
  Puppet::Pops::Time::Timestamp.singleton_class.prepend(ClockAsked)
end
