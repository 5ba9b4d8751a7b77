# Puppet loads Ruby files by `load`, and then adds their names to $LOADED_FEATURES itself. From that on Ruby has to make its index of them anew at the
# next `require`, for which it asks the system for the real path of each of some 1,500 files (Ruby 3.1): most of what it takes to load types. So what is
# loaded for the first time is required instead, which keeps the index; a second time it is loaded, as Puppet does.
module Gate
  module LoadedOnce
    def mark_loaded(name, file)
      path = File.expand_path(file)
      return super if $LOADED_FEATURES.include?(path)

      loaded[cleanpath(name).chomp(".rb")] = [path, File.mtime(path)]
      Thread.current[:gate_required] = path
    end
  end
  Puppet::Util::Autoload.singleton_class.prepend(LoadedOnce)

  module RequiredOnce
    def load(file, wrap = false)
      path = Thread.current[:gate_required]
      Thread.current[:gate_required] = nil
      return super unless path && path == File.expand_path(file)

      begin
        TOPLEVEL_BINDING.receiver.send(:require, path)
      rescue Exception
        # It counts as loaded all the same.
        $LOADED_FEATURES << path unless $LOADED_FEATURES.include?(path)
        raise
      end
      true
    end
  end
  Kernel.singleton_class.prepend(RequiredOnce)
end
