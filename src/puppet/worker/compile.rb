module Gate
  class TooLong < StandardError; end

  NATIVE = "native".freeze

  # A node's catalog as Puppet's rich data, with the uniqueness key and the kind of each resource by the types of this tree, and what was read
  # and asked for to make it.
  def self.compile(environment, request)
    stand_ins.start
    trace&.start
    certname = request.fetch("certname")
    node = node(environment, certname, request)
    catalog, facts = traced(node, request.fetch("trusted")) { stand_ins.answered { Puppet::Parser::Compiler.compile(node) } }
    said = Models.new(catalog.resources.to_a).say
    {
      "certname" => certname,
      "ok" => true,
      "catalog" => catalog_data(catalog),
      "kinds" => catalog.resources.map { |resource| kind(resource) },
      "reads" => reads(facts, request)
    }.merge(said)
  end

  def self.reads(facts, request)
    told = stand_ins.told
    trace = request["trace"] ? self.trace&.told(told.values.any? { |list| !list.empty? }) : nil
    { "facts" => facts }.merge(told, trace ? { "trace" => trace } : {})
  end

  def self.traced(node, trusted)
    information = Puppet::Context::TrustedInformation.new(trusted["authenticated"], node.name, trusted["extensions"], trusted["external"])
    self.fact_reads = FactReads.new(node.parameters.keys - node.facts.values.keys + %w[trusted server_facts])
    catalog = Puppet.override({ trusted_information: information }) { yield }
    [catalog, fact_reads.paths]
  ensure
    self.fact_reads = nil
  end

  # As a server makes it: what the ENC says, then the facts, then what the server says of itself; what was there first stays.
  def self.node(environment, certname, request)
    classes, parameters = (request["enc"] || { "classes" => {}, "parameters" => {} }).fetch_values("classes", "parameters")
    node = Puppet::Node.new(certname, environment: environment, classes: classes, parameters: parameters)
    # What an agent adds to its facts, and a fact file need not have.
    node.fact_merge(Puppet::Node::Facts.new(certname, { "clientcert" => certname }.merge(request.fetch("facts"))))
    node.trusted_data = request.fetch("trusted")
    node.add_server_facts({ "serverversion" => Puppet.version.to_s }.merge(request.fetch("server").compact))
    node
  end

  def self.catalog_data(catalog)
    data = catalog.to_data_hash
    # Puppet makes these of the clock and of chance.
    data.delete("version")
    data.delete("catalog_uuid")
    catalog.resources.zip(data.fetch("resources")) do |resource, shown|
      # One that this node exports and collects is applied here: `exported` says that it is for others only.
      shown["exported"] = resource.exported && resource.virtual ? true : false
    end
    data
  end

  # A node statement is a resource too; like a define it only contains others.
  def self.kind(resource)
    return "class" if %w[Class Stage].include?(resource.type)

    resource.resource_type.is_a?(Puppet::Resource::Type) ? "define" : NATIVE
  end

  # JSON, for which text must be UTF-8: other bytes are given as Puppet's Binary where a value may be one, and replaced elsewhere.
  def self.generate(value)
    line = JSON.generate(value)
    return line unless LOST.match?(line)

    parameters(value) { |parameter| walk(parameter) { |each| number(each) } }
    value["munged"]&.each { |said| said[2] = walk(said[2]) { |each| number(each) } }
    JSON.generate(value)
  rescue JSON::GeneratorError, EncodingError
    parameters(value) { |parameter| binary(parameter) }
    JSON.generate(walk(value) { |each| each.is_a?(String) ? clean(each) : number(each) })
  end

  # Numbers that JavaScript reads as others: 1.0 as 1, and integers above 2^53 with other digits. (They may stand in a text as well.)
  LOST = /[\[:,]-?(?:\d+\.0[,\]}]|\d{16}|[\d.]+e)/.freeze

  # As Puppet's rich data has what JSON has no word for, so that the text is kept.
  def self.number(value)
    case value
    when Float then value.finite? && value == value.to_i ? { "__ptype" => "Float", "__pvalue" => value.to_s } : value
    when Integer then value.abs > 2**53 ? { "__ptype" => "Integer", "__pvalue" => value.to_s } : value
    else value
    end
  end

  def self.parameters(value, &block)
    (value.dig("catalog", "resources") || []).each { |resource| resource["parameters"]&.transform_values!(&block) }
  end

  def self.binary(value)
    walk(value) { |each| !each.is_a?(String) || utf8?(each) ? each : { "__ptype" => "Binary", "__pvalue" => [each].pack("m0") } }
  end

  def self.walk(value, &block)
    case value
    when Array then value.map { |item| walk(item, &block) }
    when Hash then value.to_h { |name, item| [name.is_a?(String) ? clean(name) : name, walk(item, &block)] }
    else block.call(value)
    end
  end

  def self.utf8?(text) = text.dup.force_encoding(Encoding::UTF_8).valid_encoding?

  def self.clean(text) = text.dup.force_encoding(Encoding::UTF_8).scrub
end
