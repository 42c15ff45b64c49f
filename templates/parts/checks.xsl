<?xml version="1.0" encoding="UTF-8"?>
<!-- The system check. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="checks">
<section aria-labelledby="checks-heading">
<h2 id="checks-heading">System check</h2>
<ul class="checks" id="setup-checks"><xsl:apply-templates select="check"/></ul>
</section>
</xsl:template>

<xsl:template match="check">
<li id="setup-check-{@name}" class="check good-{@good}">
<p class="check-line"><span class="check-name"><xsl:apply-templates select="@name" mode="check"/></span><xsl:text> </xsl:text><span class="check-state" id="setup-check-{@name}-state"><xsl:apply-templates select="@good" mode="check"/></span></p>
<xsl:apply-templates select="error" mode="check"/>
</li>
</xsl:template>

<xsl:template match="@good[.='yes']" mode="check">OK</xsl:template>
<xsl:template match="@good" mode="check">Failed</xsl:template>
<xsl:template match="@name[.='database']" mode="check">Database</xsl:template>
<xsl:template match="@name[.='schema']" mode="check">Schema</xsl:template>
<xsl:template match="@name[.='root_key']" mode="check">Root key</xsl:template>
<xsl:template match="@name[.='redaction']" mode="check">Redaction self-test</xsl:template>
<xsl:template match="@name[.='audit_checkpoint']" mode="check">Audit checkpoints</xsl:template>

<xsl:template match="error" mode="check">
<p><xsl:value-of select="@detail"/></p>
<p id="setup-check-{../@name}-remediation"><xsl:value-of select="@remedy"/></p>
<p class="fine">Error type <a href="/errors/{@type}"><code id="setup-check-{../@name}-error-type"><xsl:value-of select="@type"/></code></a></p>
</xsl:template>
</xsl:stylesheet>
