module Gate
  # Exported resources of other nodes, as far as they are known: those of the snapshot.
  def self.collect_exports
    Puppet[:storeconfigs] = true
    Puppet::Resource.indirection.define_singleton_method(:search) { |type, options| Gate.exported(type, options) }
  end

  def self.exported(type, options)
    host, filter, scope = options.values_at(:host, :filter, :scope)
    stand_ins.collect(type, filter)
    (stand_ins.exported || []).filter_map do |resource|
      next if resource.fetch("certname") == host || resource.fetch("type") != type || !matches?(resource, filter)

      stand_ins.used("puppetdb", "#{type}[#{resource.fetch("title")}] of #{resource.fetch("certname")}")
      imported(resource, scope)
    end
  end

  # As PuppetDB compares: exactly, and a list by what is in it.
  def self.matches?(resource, filter)
    return true if filter.nil?

    left, operator, right = filter
    case operator.to_s
    when "and" then matches?(resource, left) && matches?(resource, right)
    when "or" then matches?(resource, left) || matches?(resource, right)
    else
      value = case left
              when "tag" then resource.fetch("tags").map(&:downcase)
              when "title" then resource.fetch("title")
              else resource.fetch("parameters")[left]
              end
      right = left == "tag" ? Array(right).map { |tag| tag.to_s.downcase } : [right]
      (Array(value).map(&:to_s) & right.map(&:to_s)).any? == (operator.to_s == "==")
    end
  end

  def self.imported(resource, scope)
    certname, type, title = resource.fetch_values("certname", "type", "title")
    made = Puppet::Parser::Resource.new(type, title, scope: scope, source: scope.source)
    resource.fetch("parameters").each { |name, value| made.set_parameter(name, value) }
    resource.fetch("tags").each { |tag| made.tag(tag) if tag.match?(Puppet::Util::Tagging::ValidTagRegex) }
    made.collector_id = "#{certname}|#{type}|#{title}"
    made.exported = true
    made.virtual = true
    made
  end
end
