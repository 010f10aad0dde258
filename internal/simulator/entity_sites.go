package simulator

// Sites and teams (contact-center reference 8.1, 8.2).

func sites() entity {
	return entity{
		route: "site", paths: oldList, created: 201, deleted: 204,
		bulk:   bulkAbilities{post: true, create: true, delete: true},
		unique: true, systemDefault: true, purge: true, searchColumns: []string{"name"},
		fields: []field{
			{name: "name", kind: text, required: true, minimum: 1, maximum: 80, pattern: siteName},
			description,
			{name: "active", kind: boolean, required: true},
			{name: "multimediaProfileId", kind: text, required: true, target: "multimedia-profile"},
		},
		export: &export{pageSize: 100, columns: []column{{name: "name"}, {name: "multimediaProfileName", from: "multimediaProfileId"}}},
	}
}

const (
	agentTeam    = "AGENT"
	capacityTeam = "CAPACITY"
)

func teams() entity {
	return entity{
		route: "team", paths: oldList, created: 201, deleted: 204, queryDTO: "teamDTO",
		bulk:   bulkAbilities{post: true, create: true, delete: true},
		unique: true, uniqueWithin: "siteId", systemDefault: true, purge: true, searchColumns: []string{"name", "description"},
		fields: []field{
			{name: "name", kind: text, required: true},
			description,
			{name: "teamType", kind: text, required: true, enum: []string{agentTeam, capacityTeam}, immutable: true},
			{name: "teamStatus", kind: text, required: true, enum: []string{"IN_SERVICE", "NOT_AVAILABLE"}},
			{name: "dialedNumber", kind: text, needed: needed("teamType", capacityTeam)},
			{name: "capacity", kind: integer, needed: needed("teamType", capacityTeam)},
			{name: "active", kind: boolean, required: true},
			{name: "siteId", kind: text, required: true, target: "site", immutable: true},
			{name: "siteName", kind: text, computed: true},
			{name: "desktopLayoutId", kind: text, target: "desktop-layout"},
			{name: "skillProfileId", kind: text, target: "skill-profile"},
			{name: "multiMediaProfileId", kind: text, target: "multimedia-profile"},
			{name: "userIds", kind: textList, computed: true, itemOnly: true, notFilterable: true},
			{name: "rankQueuesForTeam", kind: boolean, defaultValue: false},
			{
				name: "queueRankings", kind: objectList, itemOnly: true, notFilterable: true,
				nested: nested{identified: true, versioned: true, key: "queueId"},
				fields: []field{
					{name: "queueId", kind: text, required: true, target: "contact-service-queue"},
					{name: "rank", kind: integer, required: true, maximum: 50},
				},
			},
		},
		first:    []rule{teamStatusIsGiven},
		computed: teamComputed,
		virtual:  map[string]func(*tenant, string) []string{"userId": teamsOfUser},
	}
}

// teamStatusIsGiven: without it the live service answers 409, not 400.
func teamStatusIsGiven(c *change) *refusal {
	if c.previous == nil && (c.body["teamStatus"] == nil || c.body["teamStatus"] == "") {
		return refuse(409, "teamStatus: should not be null or blank.")
	}
	return nil
}

func teamComputed(v view) map[string]any {
	out := map[string]any{"siteName": v.tenant.nameOf("site", v.record.fields["siteId"])}
	if v.item {
		users := []string{}
		for _, holder := range v.tenant.referrers(objectKey{"team", v.record.id}, "user") {
			users = append(users, holder.id)
		}
		out["userIds"] = users
	}
	return out
}

func teamsOfUser(t *tenant, user string) []string {
	found := t.collection("user").get(user)
	if found == nil {
		return nil
	}
	return idsAt(found.fields["teamIds"], nil)
}
