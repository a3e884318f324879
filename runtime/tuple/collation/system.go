package collation

// tailored lists what the collations after the first four are named by, and their
// ICU locales. Each stands for three: _s1, _s2 and _s3.
var tailored = [...]struct{ name, locale string }{
	{"af", "af"},
	{"am", "am"},
	{"ar", "ar"},
	{"as", "as"},
	{"az", "az"},
	{"be", "be"},
	{"bn", "bn"},
	{"bs", "bs"},
	{"bs_Cyrl", "bs_Cyrl"},
	{"ca", "ca"},
	{"cs", "cs"},
	{"cy", "cy"},
	{"da", "da"},
	{"de__phonebook", "de_DE_u_co_phonebk"},
	{"de_AT_phonebook", "de_AT_u_co_phonebk"},
	{"dsb", "dsb"},
	{"ee", "ee"},
	{"eo", "eo"},
	{"es", "es"},
	{"es__traditional", "es_u_co_trad"},
	{"et", "et"},
	{"fa", "fa"},
	{"fi", "fi"},
	{"fi__phonebook", "fi_u_co_phonebk"},
	{"fil", "fil"},
	{"fo", "fo"},
	{"fr_CA", "fr_CA"},
	{"gu", "gu"},
	{"ha", "ha"},
	{"haw", "haw"},
	{"he", "he"},
	{"hi", "hi"},
	{"hr", "hr"},
	{"hu", "hu"},
	{"hy", "hy"},
	{"ig", "ig"},
	{"is", "is"},
	{"ja", "ja"},
	{"kk", "kk"},
	{"kl", "kl"},
	{"kn", "kn"},
	{"ko", "ko"},
	{"kok", "kok"},
	{"ky", "ky"},
	{"lkt", "lkt"},
	{"ln", "ln"},
	{"lt", "lt"},
	{"lv", "lv"},
	{"mk", "mk"},
	{"ml", "ml"},
	{"mr", "mr"},
	{"mt", "mt"},
	{"nb", "nb"},
	{"nn", "nn"},
	{"nso", "nso"},
	{"om", "om"},
	{"or", "or"},
	{"pa", "pa"},
	{"pl", "pl"},
	{"ro", "ro"},
	{"sa", "sa"},
	{"se", "se"},
	{"si", "si"},
	{"si__dictionary", "si_u_co_dict"},
	{"sk", "sk"},
	{"sl", "sl"},
	{"sq", "sq"},
	{"sr", "sr"},
	{"sr_Latn", "sr_Latn"},
	{"sv", "sv"},
	{"sv__reformed", "sv_u_co_reformed"},
	{"ta", "ta"},
	{"te", "te"},
	{"th", "th"},
	{"tn", "tn"},
	{"to", "to"},
	{"tr", "tr"},
	{"ug_Cyrl", "ug"},
	{"uk", "uk"},
	{"ur", "ur"},
	{"vi", "vi"},
	{"vo", "vo"},
	{"wae", "wae"},
	{"wo", "wo"},
	{"yo", "yo"},
	{"zh", "zh"},
	{"zh__big5han", "zh_u_co_big5han"},
	{"zh__gb2312han", "zh_u_co_gb2312"},
	{"zh__pinyin", "zh_u_co_pinyin"},
	{"zh__stroke", "zh_u_co_stroke"},
	{"zh__zhuyin", "zh_u_co_zhuyin"},
}

// System makes the collations that every instance is born with, as the rows of
// _collation: their identifiers are their places in the list.
func System() []*Collation {
	all := []*Collation{
		{ID: 0, Name: "none", Owner: admin, Type: TypeBinary},
		made(1, "unicode", "", "tertiary"),
		made(2, "unicode_ci", "", "primary"),
		{ID: 3, Name: "binary", Owner: admin, Type: TypeBinary},
	}
	for _, t := range tailored {
		for i, strength := range []string{"primary", "secondary", "tertiary"} {
			all = append(all, made(uint32(len(all)), "unicode_"+t.name+"_s"+string(rune('1'+i)), t.locale, strength))
		}
	}
	return all
}

// admin is the identifier of the user who owns the collations.
const admin = 1

func made(id uint32, name, locale, strength string) *Collation {
	c := &Collation{ID: id, Name: name, Owner: admin, Type: TypeICU, Locale: locale, Opts: Options{Strength: strength}}
	c.prepare(locale)
	return c
}
