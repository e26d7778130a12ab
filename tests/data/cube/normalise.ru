# The normal form that the constraints are asked of (RDF Data Cube, 10): what may be left out is written out, and what is
# attached higher up is stated of each observation.
PREFIX qb: <http://purl.org/linked-data/cube#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>

INSERT { ?observation a qb:Observation } WHERE { [] qb:observation ?observation } ;
INSERT { ?observation a qb:Observation } WHERE { ?observation qb:dataSet [] } ;
INSERT { ?slice a qb:Slice } WHERE { [] qb:slice ?slice } ;
INSERT { ?component qb:componentProperty ?property ; a qb:ComponentSpecification } WHERE {
  ?component qb:dimension|qb:measure|qb:attribute ?property
} ;
INSERT { ?property a qb:DimensionProperty } WHERE { [] qb:dimension ?property } ;
INSERT { ?property a qb:MeasureProperty } WHERE { [] qb:measure ?property } ;
INSERT { ?property a qb:AttributeProperty } WHERE { [] qb:attribute ?property } ;

INSERT { ?observation ?property ?value } WHERE {
  ?set qb:structure/qb:component ?component .
  ?component qb:componentProperty ?property ; qb:componentAttachment qb:DataSet .
  ?observation qb:dataSet ?set .
  ?set ?property ?value .
} ;
INSERT { ?observation ?property ?value } WHERE {
  ?set qb:structure/qb:component ?component ; qb:slice ?slice .
  ?component qb:componentProperty ?property ; qb:componentAttachment qb:Slice .
  ?slice qb:observation ?observation ; ?property ?value .
} ;
INSERT { ?observation ?property ?value } WHERE {
  ?set qb:slice ?slice .
  ?slice qb:sliceStructure/qb:componentProperty ?property ; qb:observation ?observation ; ?property ?value .
}
